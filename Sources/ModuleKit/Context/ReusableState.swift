/// State of a module that serves one message after the other (`RouteContext.reusedState`).
public protocol ReusableState: AnyObject {
    init()
    /// Makes it as good as new, in the room it has; called when its message is through.
    func clear()
}

/// What a module attached to a message, by its type.
struct AttachedState {
    var key: ObjectIdentifier
    var value: AnyObject
    /// `value`, when it serves further messages.
    var reusable: (any ReusableState)?
}
