/// A PID controller: how many percent of the messages are refused so that the load comes to its set point.
public struct LoadController: Sendable {
    /// Weights of the sum of all errors, of the error, and of its change.
    public var integral = -25.0
    public var proportional = 0.0
    public var derivative = 0.0
    /// The load that is aimed at, 0 to 1; nil: nothing is refused.
    public var setPoint: Double?
    private var sum = 0.0
    private var lastError = 0.0
    /// Percent of messages to refuse, 0 to 100.
    public private(set) var refusedShare = 0

    public init() {}

    /// Sets the weights; what has been summed up so far is forgotten.
    public mutating func set(integral: Double, proportional: Double, derivative: Double) {
        self.integral = integral
        self.proportional = proportional
        self.derivative = derivative
        self.sum = 0
        self.lastError = 0
    }

    /// Takes a measurement.
    /// - Parameter load: 0 to 1.
    public mutating func update(load: Double) {
        guard let setPoint = self.setPoint, load.isFinite else {
            self.refusedShare = 0
            return
        }
        let error = setPoint - load
        let sum = self.sum + error
        let output = self.integral * sum + self.proportional * error + self.derivative * (error - self.lastError)
        self.lastError = error
        // At either end the sum stands still: else it would take as long to come back as it stayed there.
        let isBeyond = output > 100 && self.integral * error > 0 || output < 0 && self.integral * error < 0
        if !isBeyond { self.sum = sum }
        self.refusedShare = output.isFinite ? Int(min(max(output, 0), 100)) : 0
    }
}

extension Double {
    /// With six digits behind the point, as control clients are shown weights.
    public var withSixDigits: String {
        let bounded = self.isFinite ? Swift.min(Swift.max(self, -1e12), 1e12) : 0
        let millionths = Int((bounded.magnitude * 1_000_000).rounded())
        let digits = String(millionths % 1_000_000)
        let fraction = String(repeating: "0", count: 6 - digits.count) + digits
        return (bounded < 0 ? "-" : "") + "\(millionths / 1_000_000).\(fraction)"
    }
}
