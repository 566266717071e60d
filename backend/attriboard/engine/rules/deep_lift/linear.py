"""Which calls are linear in what depends on the input: autograd has them right as it is."""

from __future__ import annotations

from collections.abc import Callable

from attriboard.engine.rules.calls import Call
from attriboard.engine.rules.names import words

LINEAR = words(
    """
    add sub rsub neg positive sum mean nanmean cumsum trace diff tril triu diag diagonal
    diag_embed cat concat concatenate stack hstack vstack dstack column_stack block_diag
    meshgrid broadcast_tensors broadcast_to expand expand_as repeat repeat_interleave tile
    reshape reshape_as view view_as flatten unflatten ravel squeeze unsqueeze permute transpose
    t adjoint movedim moveaxis swapaxes swapdims numpy_T T mT H mH contiguous clone alias
    as_strided chunk split split_with_sizes tensor_split hsplit vsplit dsplit unbind __iter__
    unsafe_chunk unsafe_split unfold unfold_copy fold im2col col2im narrow select slice flip
    fliplr flipud roll rot90 atleast_1d atleast_2d atleast_3d __getitem__ index index_select
    gather take take_along_dim masked_select __setitem__ copy fill zero index_put index_add
    index_copy index_fill scatter scatter_add select_scatter slice_scatter diagonal_scatter
    masked_scatter masked_fill where put to type type_as float double half bfloat16 cpu cuda
    real imag view_as_real view_as_complex conj resolve_conj resolve_neg avg_pool1d avg_pool2d
    avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d dropout alpha_dropout
    feature_dropout feature_alpha_dropout native_dropout pad constant_pad_nd reflection_pad1d
    reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d
    upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d
    upsample_bilinear2d upsample_bicubic2d upsample_trilinear3d _upsample_nearest_exact1d
    _upsample_nearest_exact2d _upsample_bilinear2d_aa _upsample_bicubic2d_aa pixel_shuffle
    pixel_unshuffle channel_shuffle native_channel_shuffle embedding embedding_bag
    _pack_padded_sequence _pad_packed_sequence fft_fft fft_ifft fft_rfft fft_irfft fft_fft2
    fft_ifft2 fft_rfft2 fft_irfft2 fft_fftn fft_ifftn fft_rfftn fft_irfftn fft_fftshift
    fft_ifftshift fft_hfft fft_ihfft stft istft
    """
)
"""Linear in all their tensors together."""

SHAPED = words("to type_as expand_as view_as reshape_as")
"""Linear calls that read no number of their other tensors, only their shape or type."""

PLAIN = words(
    """
    detach requires_grad register_hook register_post_accumulate_grad_hook retain_grad backward
    zeros_like ones_like empty_like full_like rand_like randn_like new_zeros new_ones new_empty
    new_full new_tensor size dim numel nelement element_size stride storage_offset data_ptr
    is_contiguous get_device is_floating_point is_complex is_shared is_set_to tolist item numpy
    uniform normal exponential random storage untyped_storage share_memory __len__ __bool__
    __repr__ __format__ __hash__ __contains__ __array__ __reduce_ex__ __deepcopy__ __float__
    __int__ __index__ __dlpack__ _assert _assert_async
    """
)
"""No operations on the numbers at all, or none that a gradient passes through."""

MULTILINEAR = words(
    """
    mul linear matmul rmatmul einsum bilinear tensordot inner outer ger kron vdot cross
    linalg_cross linalg_vecdot linalg_multi_dot multi_dot chain_matmul addmm addmv addr addbmm
    baddbmm addcmul _trilinear conv1d conv2d conv3d conv_transpose1d conv_transpose2d
    conv_transpose3d convolution conv_tbc
    """
)
"""Linear in each of their tensors alone: linear where just one depends on the input."""

CONDITIONS: dict[str, Callable[[Call], bool]] = {
    "div": lambda call: not _depends(call, 1, "other") and not call.kwargs.get("rounding_mode"),
    "batch_norm": lambda call: not call.argument(5, "training"),
    "instance_norm": lambda call: not call.argument(5, "use_input_stats"),
    "lerp": lambda call: not _depends(call, 2, "weight"),
    "addcdiv": lambda call: not _depends(call, 2, "tensor2"),
    "grid_sampler": lambda call: not _depends(call, 1, "grid"),
    "pow": lambda call: call.argument(1, "exponent") == 1,
}
"""Linear for some of their arguments."""


def is_linear(call: Call) -> bool:
    """Whether the call is linear in its dependent tensors."""
    if call.name in LINEAR:
        return True
    if call.name in MULTILINEAR:
        return len(call.dependent()) == 1
    return call.name in CONDITIONS and CONDITIONS[call.name](call)


def _depends(call: Call, position: int, name: str) -> bool:
    return bool(getattr(call.argument(position, name), "requires_grad", False))
