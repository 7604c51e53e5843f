import FuzzTargets
import Glibc

// fuzz-volume TARGET EXECUTIONS SEED FILE…: mutates the files without guidance, as fast as it goes. For a build without
// instrumentation, ten times as fast as libFuzzer. The input in progress is in `volume-current-TARGET` (its length in four
// bytes, lowest first, then its bytes), so that a trap or a hang leaves it behind; one that takes more than a tenth of a
// second twice is reported and kept. With EXECUTIONS 0 each file is run as it is.
//
// fuzz-volume TARGET growth PLACES FILE…: repeats pieces at so many places of each file, and reports inputs of 64 kB that
// take far more than four times as long as those of 16 kB.

let arguments = CommandLine.arguments
let watchesGrowth = arguments.count > 2 && arguments[2] == "growth"
guard arguments.count > 4, let target = FuzzTarget(rawValue: arguments[1]),
    let wanted = watchesGrowth ? 0 : Int(arguments[2]), let seed = UInt64(arguments[3])
else {
    print("usage: fuzz-volume \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) EXECUTIONS SEED FILE…")
    exit(2)
}

let limit = 4096

func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4 * limit)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
}

/// Of the processor's time: other programs may stop this one.
func milliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

let inputs = arguments[4...].compactMap(read).filter { !$0.isEmpty }
guard !inputs.isEmpty else {
    print("no inputs")
    exit(2)
}
if watchesGrowth { exit(GrowthWatch(target, places: Int(clamping: seed), milliseconds).run(over: inputs)) }
if wanted == 0 {
    for input in inputs { target.run(input) }
    print("\(inputs.count) inputs run")
    exit(0)
}

// Shared memory of a file: the input is there when the process is not, and costs no system call.
let currentPath = "volume-current-\(target.rawValue)"
let descriptor = open(currentPath, O_RDWR | O_CREAT | O_TRUNC, 0o644)
ftruncate(descriptor, 4 + limit)
guard let current = mmap(nil, 4 + limit, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), current != MAP_FAILED
else {
    print("\(currentPath) cannot be mapped")
    exit(2)
}

var mutator = ScriptMutator(seed: seed)
var slowest = 0
let start = milliseconds()
var before = start
for execution in 1...wanted {
    // Short inputs most of the time: more of them, and each change counts for more.
    let most =
        target.shape == .message || target.shape == .calls || mutator.next(8) == 0 ? limit : 64 + mutator.next(300)
    var input = inputs[mutator.next(inputs.count)]
    if input.count > most {
        let from = mutator.next(input.count - most)
        input = Array(input[from..<from + most])
    }
    input = mutator.mutate(input, as: target.shape, limit: most)
    input.withUnsafeBytes { bytes in
        current.storeBytes(of: UInt32(bytes.count).littleEndian, as: UInt32.self)
        if let base = bytes.baseAddress { memcpy(current + 4, base, bytes.count) }
    }
    target.run(input)
    var now = milliseconds()
    var took = now - before
    if took > 100 {
        // A target may have made its server anew.
        target.run(input)
        took = min(took, milliseconds() - now)
        now = milliseconds()
    }
    if took > slowest {
        slowest = took
        if slowest > 100, let file = fopen("volume-slow-\(target.rawValue)-\(execution)", "w") {
            fwrite(input, 1, input.count, file)
            fclose(file)
        }
    }
    before = now
    if execution % 1_000_000 == 0 || execution == wanted {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let seconds = (now - start) / 1000
        print(
            "\(target.rawValue): \(execution) executions, \(seconds) s, slowest \(slowest) ms, \(usage.ru_maxrss >> 10) MiB"
        )
        fflush(nil)
    }
}
unlink(currentPath)
