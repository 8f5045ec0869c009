# expect: error
# at: 6:41
# says: viridi
# says: viridis
# phase: check
scatter([1, 2], [3, 4], c=[5, 6], cmap='viridi')
savefig('a.png')
