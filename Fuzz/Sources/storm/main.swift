import Glibc
import Simulation
import StandardModules

// storm CALLS [FIRST]: that many calls through tm on a network that loses, doubles, delays and reorders, a thousand at
// a time; the seeds are FIRST and those after it. A call that breaks a rule is printed with its seed and the smallest
// plan that still breaks it, and the exit status is 1.

let arguments = CommandLine.arguments
guard arguments.count > 1, let wanted = UInt64(arguments[1]),
    let first = UInt64(arguments.count > 2 ? arguments[2] : "0")
else {
    print("usage: storm CALLS [FIRST]")
    exit(2)
}

var failures = 0
let storm = try Storm(modules: StandardModules.all)
var seed = first
while seed < first + wanted {
    let next = min(seed + 1000, first + wanted)
    let found = storm.run(seeds: seed..<next)
    failures += found.count
    for failure in found { print(failure) }
    seed = next
    if (seed - first) % 10_000 == 0 {
        print("\(seed - first) calls, \(failures) failures")
        fflush(nil)
    }
}
print("\(wanted) calls, \(failures) failures")
exit(failures > 0 ? 1 : 0)
