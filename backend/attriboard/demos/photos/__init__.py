"""Photos, and EfficientNet-Lite0 with its weights for ImageNet."""
