"""The pages: each module composes heading, sentence, figure, table and source line of one page.

Belongs here: what a page shows and in which order. Does not belong here: arithmetic, how a chart looks, and the texts themselves.
A page is a module with `render(view)`; its id, its place in the menu and its texts are in address.py and warehouse/texts.
"""
