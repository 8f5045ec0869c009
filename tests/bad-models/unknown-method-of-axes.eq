# expect: error
# at: 7:4
# says: set_xlable
# says: set_xlabel
# phase: check
fig, ax = subplots()
ax.set_xlable('t')
savefig('a.pdf')
