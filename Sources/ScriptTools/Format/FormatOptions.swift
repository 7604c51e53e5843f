/// How a configuration is laid out.
public struct FormatOptions: Sendable, Equatable {
    public enum Indentation: Sendable, Equatable {
        case tabs
        /// That many blanks for each level, 1 to 16.
        case spaces(Int)
    }

    /// Tabs are what the stock configuration has.
    public var indentation: Indentation

    public init(indentation: Indentation = .tabs) { self.indentation = indentation }

    var unit: [UInt8] {
        switch self.indentation {
        case .tabs: [9]
        case .spaces(let count): [UInt8](repeating: 32, count: min(max(count, 1), 16))
        }
    }
}
