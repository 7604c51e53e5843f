/// A select of a module: `@timer.executed`, also `$sel(timer.executed)`. The core's own (`@via[1].host`, `@ruri.user`)
/// are part of the language.
public struct ScriptSelect: Sendable {
    /// The first part of the path.
    public var name: String
    public var summary: String
    /// Given the parts after it, makes what reads it; throws `ArgumentError` for a path that means nothing.
    public var bind: @Sendable ([String]) throws(ArgumentError) -> @Sendable (RouteContext) -> Value

    public init(
        _ name: String, summary: String,
        bind: @escaping @Sendable ([String]) throws(ArgumentError) -> @Sendable (RouteContext) -> Value
    ) {
        self.name = name
        self.summary = summary
        self.bind = bind
    }
}
