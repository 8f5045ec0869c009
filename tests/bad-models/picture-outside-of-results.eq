# expect: error
# at: 7:10
# says: outside | ".."
# says: results
# phase: check
plot([1, 2, 3])
savefig('../a.pdf')
