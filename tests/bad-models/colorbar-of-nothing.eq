# expect: error
# at: 7:1 | 7
# says: colour
# says: scatter | imshow
# phase: check
plot([1, 2, 3])
colorbar()
savefig('a.pdf')
