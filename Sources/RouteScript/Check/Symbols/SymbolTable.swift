import ModuleKit

/// What a configuration names and where: routes, defines, variables, functions, modules, flags.
///
/// Ranges point into the texts of `ParsedConfiguration.sources`; one that lies in the value of a define leads to its
/// file through `SourceMap.resolve`. Everything stands in file order.
public struct SymbolTable: Sendable {
    public var routes: [RouteSymbol] = []
    public var defines: [DefineSymbol] = []
    public var variables: [VariableSymbol] = []
    public var functions: [FunctionUse] = []
    public var modules: [ModuleSymbol] = []
    public var moduleParameters: [ModuleParameterUse] = []
    public var flags: [FlagSymbol] = []
    public var customParameters: [CustomParameterSymbol] = []

    public init() {}

    /// A route block.
    public struct RouteSymbol: Sendable {
        public var kind: RouteKind
        /// `0` where none is written.
        public var name: String
        public var nameRange: SourceRange
        /// `route[NAME]`, without the body.
        public var headRange: SourceRange
        public var range: SourceRange
        public var uses: [Use] = []

        /// A place that names the route.
        public struct Use: Sendable {
            /// The name, without quotes.
            public var range: SourceRange
            /// False for a string that holds the name and whose meaning is not known (`modparam("x", "y", "NAME")`):
            /// enough to keep the route from counting as unused, not enough to rename it.
            public var isCertain: Bool
        }
    }

    /// A preprocessor define; one that is set again after `#!undef` is another one.
    public struct DefineSymbol: Sendable {
        public var name: String
        public var value: String
        /// The name where it is defined; `.none` for built-in ones and those of modules.
        public var range: SourceRange
        /// Names in the text and after `#!ifdef`.
        public var uses: [SourceRange] = []
    }

    /// One variable: `$var(x)`, `$ru`. What differs in index and transformations is the same variable.
    public struct VariableSymbol: Sendable {
        /// `var` of `$var(x)`.
        public var className: String
        /// `x` of `$var(x)`, nil without parentheses.
        public var inner: String?
        public var uses: [Use] = []

        public enum Access: Sendable {
            case read, write
            /// Handed to a function, a module or a parameter that may do either.
            case passed
        }

        public struct Use: Sendable {
            /// The whole variable.
            public var range: SourceRange
            /// What stands in the parentheses; `.none` without them.
            public var innerRange: SourceRange
            public var access: Access
        }

        /// `$var(x)`
        public var text: String { self.inner.map { "$\(self.className)(\($0))" } ?? "$\(self.className)" }
    }

    /// A call of a function or core command.
    public struct FunctionUse: Sendable {
        public var name: String
        /// The loaded module that has it; nil when none has.
        public var module: String?
        public var nameRange: SourceRange
        public var range: SourceRange
        public var argumentCount: Int
    }

    /// A `loadmodule` line.
    public struct ModuleSymbol: Sendable {
        public var name: String
        public var range: SourceRange
        /// This build has it.
        public var isKnown: Bool
    }

    /// A `modparam` line.
    public struct ModuleParameterUse: Sendable {
        /// As written: an expression over module names.
        public var modules: String
        public var name: String
        public var range: SourceRange
        public var nameRange: SourceRange
    }

    /// A name for a message flag, from `flags`.
    public struct FlagSymbol: Sendable {
        public var name: String
        public var number: Int
        public var range: SourceRange
    }

    /// `group.name = value`
    public struct CustomParameterSymbol: Sendable {
        public var group: String
        public var name: String
        public var range: SourceRange
        public var nameRange: SourceRange
    }
}

extension SymbolTable {
    /// The route whose name or a certain use of it lies at the given place of a file.
    public func route(at location: SourceLocation) -> RouteSymbol? {
        self.routes.first { route in
            route.nameRange.contains(location) || route.uses.contains { $0.isCertain && $0.range.contains(location) }
        }
    }

    /// The variable that is used at the given place of a file, the innermost one of several.
    public func variable(at location: SourceLocation) -> VariableSymbol? {
        var best: (symbol: VariableSymbol, length: Int32)?
        for symbol in self.variables {
            for use in symbol.uses where use.range.contains(location) {
                let length = use.range.end.offset - use.range.start.offset
                if best == nil || best.map({ length < $0.length }) == true { best = (symbol, length) }
            }
        }
        return best?.symbol
    }

    /// The define whose name stands at the given place of a file.
    public func define(at location: SourceLocation) -> DefineSymbol? {
        self.defines.first { define in
            define.range.contains(location) || define.uses.contains { $0.contains(location) }
        }
    }
}

extension SourceRange {
    /// Whether the place lies in the range, its end included: an editor's cursor stands between bytes.
    public func contains(_ location: SourceLocation) -> Bool {
        self.isPresent && location.source == self.start.source && location.source == self.end.source
            && location.offset >= self.start.offset && location.offset <= self.end.offset
    }
}
