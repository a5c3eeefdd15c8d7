from atoll import ConfigurableResource, Definitions


class BrandNew(ConfigurableResource):
    """What a parameter `brand_new: BrandNew` receives.

    A value that differs from machine to machine can be `EnvVar("NAME")`.
    """

    folder: str = "data"

    def path_of(self, name: str) -> str:
        """Give the path of a file in the folder."""
        return f"{self.folder}/{name}"


brand_new = BrandNew()


defs = Definitions(resources={"brand_new": brand_new})
