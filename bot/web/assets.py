"""The page's own files, named by what is in them: a browser may keep each for ever, and none is stale."""

import gzip
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.engine.fixed import fixed

FOLDER = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"


@fixed(frozen=True, slots=True)
class Asset:
    raw: bytes
    zipped: bytes
    kind: str


class Assets:
    """Every file of the folder, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._by_name: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix in KINDS:
                self._add(path)

    def _add(self, path: Path) -> None:
        raw = path.read_bytes()
        name = f"{path.stem}.{sha256(raw).hexdigest()[:12]}{path.suffix}"
        self._by_name[name] = Asset(raw, gzip.compress(raw, 9, mtime=0), KINDS[path.suffix])
        self._names[path.name] = f"/static/{name}"

    def url(self, name: str) -> str:
        return self._names[name]

    async def serve(self, request: Request) -> Response:
        """Looked up by its whole name, so no path of a request ever meets the disk."""
        asset = self._by_name.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        return packed(request, asset.raw, asset.zipped, media_type=asset.kind, caching=FOR_EVER)


def packed(request: Request, raw: bytes, zipped: bytes, *, media_type: str, caching: str) -> Response:
    """A body, compressed for browsers that take it."""
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    if not takes_gzip(request):
        return Response(raw, media_type=media_type, headers=headers)
    return Response(zipped, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})


def takes_gzip(request: Request) -> bool:
    offers = [part.strip().lower() for part in request.headers.get("accept-encoding", "").split(",")]
    return any(offer.partition(";")[0] == "gzip" and not offer.endswith("q=0") for offer in offers)
