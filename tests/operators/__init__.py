"""What stands in for torchvision's operators."""
