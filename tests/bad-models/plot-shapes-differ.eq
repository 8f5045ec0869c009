# expect: error
# at: 8:16
# says: 3 values
# says: 4 values
# phase: check
t = array([1, 2, 3])*ms
y = [1, 2, 3, 4]
plot(t/second, y, '--k')
savefig('a.png')
