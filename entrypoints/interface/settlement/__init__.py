"""Settlement reports as every way in reads them and tells of them."""
