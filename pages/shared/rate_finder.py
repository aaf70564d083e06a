DEFAULTS = {}
SHARES = True
PARAMETERS = {}
def show(page, parameters):
    pass
