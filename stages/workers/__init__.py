"""The processes that share out work, on this machine or on a cluster, and what they leave half done."""
