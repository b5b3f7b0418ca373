"""Words of PyTorch, Keras and Caffe, and what they are called here: for help alone."""

from __future__ import annotations

STEPS = {
    "adaptiveavgpool2d": "adaptive_avgpool", "adaptivemaxpool2d": "adaptive_maxpool",
    "avgpool2d": "avgpool", "averagepooling2d": "avgpool", "batchnorm": "bn",
    "batchnorm2d": "bn", "batchnormalization": "bn", "cat": "concat", "concatenate": "concat",
    "conv2d": "conv", "conv2dtranspose": "conv_transpose", "convolution": "conv",
    "convtranspose2d": "conv_transpose", "deconv": "conv_transpose", "dense": "fc",
    "depthwiseconv2d": "dwconv", "eltwise": "add", "flatten": "flatten",
    "globalaveragepooling2d": "gap", "globalavgpool": "gap", "groupnorm": "gn",
    "groupnormalization": "gn", "hswish": "hardswish", "hsigmoid": "hardsigmoid",
    "innerproduct": "fc", "instancenorm2d": "instance_norm", "interpolate": "resize",
    "layernorm": "ln", "layernormalization": "ln", "leakyrelu": "leaky_relu", "linear": "fc",
    "localresponsenorm": "lrn", "maxpool2d": "maxpool", "maxpooling2d": "maxpool",
    "multiheadattention": "attention", "multiply": "mul", "pooling": "maxpool", "sum": "add",
    "swish": "silu", "upsample": "resize", "upsampling2d": "resize", "zeropad2d": "zero_pad",
    "zeropadding2d": "zero_pad", "residual": "basic", "basicblock": "basic", "batch_norm": "bn",
    "max_pool": "maxpool", "avg_pool": "avgpool", "norm": "bn", "pool": "maxpool",
    "global_avg_pool": "gap", "avgpooling": "avgpool", "skip": "shortcut",
    "convbnrelu": "conv_bn_act", "up": "resize", "upconv": "conv_transpose", "resblock": "basic",
    "residualblock": "basic", "split": "slice", "chunk": "slice", "downsample": "shortcut",
    "leaky": "leaky_relu", "center_crop": "crop", "centercrop": "crop", "cropping2d": "crop",
}  # fmt: skip

ARGUMENTS = {
    "ceil_mode": "ceil", "channels": "out", "count_include_pad": "include_pad",
    "dilation_rate": "dilation", "filters": "out", "epsilon": "eps", "features": "out",
    "kernel": "k", "kernel_size": "k", "ksize": "k", "negative_slope": "slope",
    "num_groups": "groups", "num_heads": "heads", "num_output": "out", "out_channels": "out",
    "out_features": "out", "output_padding": "output_pad", "output_size": "size",
    "padding": "pad", "pool_size": "k", "rate": "p", "s": "stride", "scale_factor": "factor",
    "strides": "stride", "units": "out", "use_bias": "bias", "width": "out", "planes": "out",
    "filter": "k", "size": "k", "group": "groups", "dim": "out", "p": "pad",
}  # fmt: skip

KNOWN_FROM_THE_TENSOR = frozenset(
    ("in_channels", "in_features", "in_planes", "input_channels", "num_features", "inplanes",
     "in_ch", "c_in", "cin", "in_c")
)  # fmt: skip

VALUES = {
    "zeros": "0", "zeros_": "0", "zero": "0", "ones": "1", "ones_": "1", "one": "1",
    "kaiming": "he_normal", "kaiming_normal": "he_normal", "kaiming_uniform": "he_uniform",
    "glorot_normal": "xavier_normal", "glorot_uniform": "xavier_uniform", "xavier": "xavier_normal",
    "gaussian": "normal", "truncated_normal": "trunc_normal", "randn": "normal(1)",
}  # fmt: skip

MODULES = frozenset(("nn", "F", "torch", "tf", "keras", "layers", "self"))

NOTHING = frozenset(("None", "null", "nil", "none"))


def called_here(word: str, words: dict[str, str], known: list[str]) -> str | None:
    """What a word of another framework is called here, where that is known."""
    module, _, last = word.rpartition(".")
    small = last.lower()
    for key in (small, small.replace("_", "")):
        if words.get(key) in known:
            return words[key]
    return small if module and small in known else None
