"""What the shop sells."""

from __future__ import annotations

from typing import Final

from attrs import frozen

CURRENCY: Final = "INR"
COUNT_MAX: Final = 20
"""Of one product in a cart."""


@frozen
class Product:
    """One thing on the shelf.

    Attributes:
        product_id: Also the name of its picture.
        price_minor: In paise, for one.
    """

    product_id: str
    name: str
    told: str
    pack: str
    price_minor: int


PRODUCTS: Final = {
    one.product_id: one
    for one in (
        Product("assam", "Assam, second flush", "Strong and malty. Takes milk well.", "250 g tin", 349_50),
        Product("darjeeling", "Darjeeling, first flush", "Light, floral, picked in April.", "100 g tin", 640_00),
        Product("nilgiri", "Nilgiri frost", "Bright and clean, from the Blue Mountains.", "200 g tin", 280_00),
        Product("masala", "Masala chai", "Assam with cardamom, ginger and clove.", "250 g tin", 199_00),
        Product("kahwa", "Kashmiri kahwa", "Green tea with saffron and almond.", "150 g tin", 450_00),
        Product("teapot", "The Maharani teapot", "Silver, made by hand in Jaipur. For 12 cups.", "one", 1_23_456_50),
    )
}


@frozen
class Line:
    """Some of one product: in a cart as the shelf has it now, in an order as it was then.

    Attributes:
        each_minor: In paise, for one.
    """

    product_id: str
    name: str
    pack: str
    each_minor: int
    count: int

    @staticmethod
    def of(product: Product, count: int) -> Line:
        """So many of what is on the shelf."""
        return Line(product.product_id, product.name, product.pack, product.price_minor, count)

    @property
    def price_minor(self) -> int:
        """In paise, for all of them."""
        return self.each_minor * self.count


def total_minor(lines: tuple[Line, ...]) -> int:
    """What lines come to, in paise."""
    return sum(line.price_minor for line in lines)
