"""Forward and backward through the module that `make demo` compiled.

The file is plain PyTorch: nothing of resdsl is imported here.
"""

from __future__ import annotations

import torch
from resnet50 import ResNet50
from torch.nn import functional

torch.manual_seed(0)
model = ResNet50()
images, labels = torch.randn(4, 3, 224, 224), torch.randint(1000, (4,))

logits = model(images)
loss = functional.cross_entropy(logits, labels)
loss.backward()

total = sum(p.numel() for p in model.parameters())
reached = sum(p.numel() for p in model.parameters() if p.grad is not None)
print(f"{tuple(images.shape)} -> {tuple(logits.shape)}, loss {loss.item():.4f}")
print(f"{reached:,} of {total:,} parameters have a gradient")
