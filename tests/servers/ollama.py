"""A folder of models as Ollama keeps it."""

import hashlib
import json
from pathlib import Path


def keep_model(store: Path, content: bytes, *name: str, licence: str = "Apache License\nVersion 2.0") -> Path:
    """Have `store` keep `content` as the model HOST, NAMESPACE, NAME, TAG; the path of its blob."""
    layers, paths = [], []
    for kind, data in (("model", content), ("license", licence.encode())):
        digest = hashlib.sha256(data).hexdigest()
        paths.append(store / f"blobs/sha256-{digest}")
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_bytes(data)
        layers.append(
            {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}
        )
    manifest = store.joinpath("manifests", *name)
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    return paths[0]
