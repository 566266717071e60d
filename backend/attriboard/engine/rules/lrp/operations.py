"""Operations by how relevance passes them. Names are the normalised ones of `rules.names`."""

from __future__ import annotations


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


COPIES = _names(
    """
    __getitem__ __setitem__ alias amax amin as_strided atleast_1d atleast_2d atleast_3d
    broadcast_tensors broadcast_to cat chunk clone column_stack concat concatenate
    constant_pad_nd contiguous copy copysign cpu cuda cummax cummin diag diag_embed diagonal
    detach double dsplit dstack expand expand_as fill flatten flip fliplr flipud float fmax fmin
    gather half hsplit hstack index index_copy index_fill index_put index_select kthvalue
    masked_fill masked_scatter masked_select max max_pool1d max_pool2d max_pool3d
    adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d maximum median meshgrid min
    minimum moveaxis movedim msort narrow pad permute pixel_shuffle pixel_unshuffle put ravel
    repeat repeat_interleave requires_grad reshape reshape_as retain_grad roll rot90
    channel_shuffle native_channel_shuffle scatter select slice sort split split_with_sizes
    squeeze stack swapaxes swapdims t take take_along_dim tensor_split tile to topk transpose
    tril triu type type_as unbind unflatten unfold unsafe_chunk unsafe_split unsqueeze
    max_unpool1d max_unpool2d max_unpool3d view view_as vsplit vstack where zero bfloat16
    """
)
"""Every number that comes out is one that went in, or a constant: relevance moves with it.

A maximum is one of them: its winner takes all.
"""

JOINS = _names(
    """
    cat concat concatenate column_stack dstack hstack vstack stack where maximum minimum fmax
    fmin scatter masked_scatter index_copy
    """
)
"""Copies that may set constants beside what depends on the inputs, such as a class token."""

ELEMENTWISE = _names(
    """
    relu relu6 gelu silu elu selu celu leaky_relu rrelu prelu mish tanh tanhshrink sigmoid
    logsigmoid softplus softsign softshrink hardshrink hardtanh hardswish hardsigmoid threshold
    clamp clamp_min clamp_max abs neg positive exp exp2 expm1 log log1p log2 log10 sqrt square
    pow rpow float_power sin cos tan asin acos atan sinh cosh asinh acosh atanh erf erfc erfinv
    sign round floor ceil trunc frac nan_to_num i0 sinc lgamma digamma logit deg2rad rad2deg
    real
    """
)
"""One number in, one out: what goes in takes all the relevance of what comes out."""

RECIPROCALS = frozenset({"rsqrt", "reciprocal", "rdiv"})
"""Elementwise, and a scale to what they are multiplied with."""

NORMALISATIONS = frozenset({"layer_norm", "rms_norm", "group_norm", "instance_norm"})
"""Mean and variance count as constants (AttnLRP, section 3.3.3): each input takes its output's."""

SUMS = _names(
    """
    add sub rsub sum mean nansum nanmean cumsum trace batch_norm avg_pool1d avg_pool2d
    avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d interpolate
    upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d
    upsample_bilinear2d upsample_bicubic2d upsample_trilinear3d grid_sampler grid_sampler_2d
    grid_sampler_3d im2col col2im scatter_add scatter_reduce index_add dropout dropout1d
    dropout2d dropout3d alpha_dropout feature_dropout feature_alpha_dropout lerp norm
    linalg_norm linalg_vector_norm linalg_matrix_norm std diff fold embedding_bag
    """
)
"""Sums of contributions, input times slope: relevance is shared in their proportion.

Norms belong here: of degree one, they too are the sum of input times slope.
"""

CONVOLUTIONS = _names(
    """
    conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d
    """
)

DENSE = frozenset({"linear", "matmul", "rmatmul", "einsum"})

PRODUCTS = frozenset({"mul", "bilinear"})
"""Several factors: each takes an equal part (AttnLRP's uniform rule), scales take none."""
