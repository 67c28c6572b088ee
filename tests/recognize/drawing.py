"""Line crops for the tests."""

from PIL import Image, ImageDraw, ImageFont

WORDS = ["people", "think", "that", "cities", "are", "loud", "and", "many", "do"]


def draw_line(text: str) -> Image.Image:
    font = ImageFont.load_default(36)
    image = Image.new("RGB", (int(font.getlength(text)) + 20, 52), "white")
    ImageDraw.Draw(image).text((10, 4), text, "black", font)
    return image
