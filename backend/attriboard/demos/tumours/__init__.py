"""Breast tumours, malignant or benign, from thirty measurements of their cells."""
