import FuzzTargets
import Glibc

// fuzz-volume TARGET EXECUTIONS SEED FILE…: mutates the files without guidance, as fast as it goes. For a build without
// instrumentation, ten times as fast as libFuzzer. The input in progress is in `volume-current`, so that a trap or a
// hang leaves it behind; a run of more than two seconds is reported and its input kept.

let arguments = CommandLine.arguments
guard arguments.count > 4, let target = FuzzTarget(rawValue: arguments[1]), let wanted = Int(arguments[2]),
    let seed = UInt64(arguments[3])
else {
    print("usage: fuzz-volume frontend|check|machine|proxy|dns|glance EXECUTIONS SEED FILE…")
    exit(2)
}

func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
}

func milliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

let inputs = arguments[4...].compactMap(read).filter { !$0.isEmpty }
let current = open("volume-current", O_RDWR | O_CREAT | O_TRUNC, 0o644)
var mutator = ScriptMutator(seed: seed)
var slowest = 0
let start = milliseconds()
for execution in 1...max(wanted, 1) {
    // Short inputs most of the time: more of them, and each change counts for more.
    let limit = mutator.next(8) == 0 ? 4096 : 64 + mutator.next(300)
    var input = inputs[mutator.next(inputs.count)]
    if input.count > limit {
        let from = mutator.next(input.count - limit)
        input = Array(input[from..<from + limit])
    }
    input = target.isOfNetwork ? mutator.mutateBytes(input, limit: limit) : mutator.mutate(input, limit: limit)
    pwrite(current, input, input.count, 0)
    ftruncate(current, input.count)
    let before = milliseconds()
    target.run(input)
    let took = milliseconds() - before
    if took > slowest {
        slowest = took
        if took > 2000, let file = fopen("volume-slow-\(execution)", "w") {
            fwrite(input, 1, input.count, file)
            fclose(file)
        }
    }
    if execution % 100_000 == 0 {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let seconds = (milliseconds() - start) / 1000
        print("\(execution) executions, \(seconds) s, slowest \(slowest) ms, \(usage.ru_maxrss >> 10) MiB")
        fflush(nil)
    }
}
unlink("volume-current")
