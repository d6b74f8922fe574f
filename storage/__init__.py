"""Where finished videos lie: one small protocol (`storage.base`), a local folder and any S3-compatible server."""
