"""The Backpropagation page: where does a gradient come from?"""
