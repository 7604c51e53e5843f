import ModuleKit

/// Where a suspended script stands.
public struct WaitingPlace: Sendable, Equatable {
    /// Names of the routes, the outermost first.
    public var routes: [String]
    public var file: String
    /// From 1.
    public var line: Int
    /// The function that it waits in, or of what kind of statement; empty when no route has begun.
    public var function: String
}

extension Program {
    /// Where the script stands that `held` is of.
    ///
    /// Only while nobody resumes it.
    public func waitingPlace(of held: HeldContext) -> WaitingPlace {
        var place = WaitingPlace(routes: [], file: "", line: 0, function: "")
        guard let execution = held.execution as? Execution else { return place }
        for index in 0..<execution.frames.count {
            place.routes.append(self.name(of: execution.frames[index].route).string)
        }
        guard let frame = execution.frames.last, frame.pc > 0, frame.pc <= self.code.count else { return place }
        // The frame goes on after the call that waits.
        let instruction = self.code[frame.pc - 1]
        (place.file, place.line) = self.fileAndLine(of: frame.pc - 1)
        place.function =
            instruction.operation == .call
            ? self.calls[Int(instruction.a)].call.function : "\(instruction.operation)"
        return place
    }
}
