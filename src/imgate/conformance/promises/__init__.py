"""What every adapter promises, sorted by what it is about; ``AdapterConformance`` puts them together.

Each promise is a test: its name is the promise, its failure a sentence that says what was seen. Never decides what a gateway
does: a running imgate checks messages itself and does not ask this kit.
"""
