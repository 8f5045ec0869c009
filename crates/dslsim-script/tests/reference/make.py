"""Writes numpy.txt: what Brian2 and numpy give for the expressions of expressions.txt, one line each.

    python make.py > numpy.txt          # needs Brian2 2.11

Each line: expression, tab, shape, tab, the elements in SI units (`repr`, separated by blanks).
"""
import os
import sys
from brian2 import *
import numpy as np
prefs.logging.file_log = False
here = os.path.dirname(os.path.abspath(__file__))
exec(open(os.path.join(here, 'setup.py.txt')).read())
for _line in open(os.path.join(here, 'expressions.txt')):
    _line = _line.strip()
    if not _line or _line.startswith('#'):
        continue
    try:
        _value = eval(_line)
        _array = np.asarray(_value, dtype=float)
    except Exception as error:
        print(f'{_line}: {error}', file=sys.stderr)
        continue
    print(_line, '(' + ','.join(map(str, _array.shape)) + ')', ' '.join(repr(float(x)) for x in _array.ravel()), sep='\t')
