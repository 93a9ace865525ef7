"""The reconciler: finds and repairs what no message reports. It runs in the restorer's process."""
