"""The quality scale of adapters: its rules, the author's answers, and what the machine finds.

Owns what bronze, silver and gold promise. Never keeps an adapter from starting: that is the registry's work.
"""
