import FuzzTargets
import Glibc

/// Looks for inputs whose time grows by the square of their length.
struct GrowthWatch {
    private let target: FuzzTarget
    private let places: Int
    private let clock: () -> Int

    /// - Parameter clock: milliseconds of the processor.
    init(_ target: FuzzTarget, places: Int, _ clock: @escaping () -> Int) {
        self.target = target
        self.places = places
        self.clock = clock
    }

    /// - Returns: 1 when there was one.
    func run(over inputs: [[UInt8]]) -> Int32 {
        var trials = 0
        var slowest = 0
        var found: [String: (time: Int, line: String, input: [UInt8])] = [:]
        for (number, input) in inputs.enumerated() {
            for place in Growth.places(in: input, most: self.places) {
                for unit in Growth.units(for: self.target.shape) {
                    trials += 1
                    let long = Growth.input(input, unit, at: place, count: 65_000 - input.count)
                    let time = self.time(long)
                    slowest = max(slowest, time)
                    guard time > 60 else { continue }
                    let short = self.time(Growth.input(input, unit, at: place, count: 16_000))
                    guard time > 7 * max(short, 5), time > found[unit]?.time ?? 0 else { continue }
                    let line = "\(unit.debugDescription) at \(place) of input \(number): \(short) ms, \(time) ms"
                    found[unit] = (time, line, long)
                }
            }
        }
        for (index, entry) in found.values.sorted(by: { $0.time > $1.time }).enumerated() {
            print("  \(entry.line)")
            if index < 10, let file = fopen("volume-growth-\(self.target.rawValue)-\(index)", "w") {
                fwrite(entry.input, 1, entry.input.count, file)
                fclose(file)
            }
        }
        print(
            "\(self.target.rawValue): \(trials) long inputs, slowest \(slowest) ms, \(found.count) grow by the square")
        return found.isEmpty ? 0 : 1
    }

    private func time(_ input: [UInt8]) -> Int {
        let start = self.clock()
        self.target.run(input)
        let once = self.clock() - start
        guard once > 60 else { return once }
        // A target may have made its server anew.
        let again = self.clock()
        self.target.run(input)
        return min(once, self.clock() - again)
    }
}
