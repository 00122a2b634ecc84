"""Why a person must look at an order."""
