"""What stands between the network and the pages: cores, headers, scripts, limits, memory; `python -m pages.server` for a class.

first.py      one BLAS thread and one core (cores.py) for a process
web.py        the ASGI middleware: headers, allowed hosts, bounded uploads, messages that no page sends
scripts.py    static files, compressed once; Streamlit's own from memory
memory.py     memory of closed tabs, given back · errors.py what a visitor sees where a page fails
__main__.py   several processes behind HAProxy (haproxy.cfg)
"""
