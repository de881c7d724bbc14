"""Pictures in files as a browser shows them: the file as it is where it can be, else what a screen shows of it."""

from PIL import ExifTags, Image

from stages.artifacts.originals import open_picture, open_upright
from stages.artifacts.pictures import Encoded, encode

# a larger picture is brought down to so many pixels, and to this longest side, which browsers still draw
SHOWN_PIXELS, SHOWN_SIDE = 3_000_000, 16_000
# what every browser shows, and under which name alone it is sent, whatever else may be in the file
SENT_AS_IT_IS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
LOSSY = ("JPEG", "MPO", "WEBP")
# of a larger one, a PNG takes too long
EXACT_PIXELS = 1_000_000


def to_screen(content: bytes) -> Encoded:
    """Return a picture as a browser shows it, as large as it is, but not much larger than a screen.

    Raises
    ------
    Exception
        Any at all, if it cannot be decoded.
    """
    with open_picture(content) as picture:
        pixels, longest = picture.width * picture.height, max(picture.size)
        side = min(longest, SHOWN_SIDE, int(longest * (SHOWN_PIXELS / pixels) ** 0.5))
        if side == longest and _is_plain(picture):
            return Encoded(content, SENT_AS_IT_IS[picture.format or ""])
        exact = picture.format not in LOSSY and pixels <= EXACT_PIXELS
    return encode(open_upright(content, side), exact=exact)


def _is_plain(picture: Image.Image) -> bool:
    """Say whether a browser shows of a file what `open_upright` does."""
    return (
        picture.format in SENT_AS_IT_IS
        and picture.mode in ("L", "RGB")
        and not picture.has_transparency_data
        and getattr(picture, "n_frames", 1) == 1
        and picture.getexif().get(ExifTags.Base.Orientation, 1) == 1
    )
