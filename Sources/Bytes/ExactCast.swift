/// `object` as a `T`: one comparison when it is exactly one, the search through its ancestors only otherwise.
@inlinable
public func cast<T: AnyObject>(_ object: consuming AnyObject, to type: T.Type) -> T? {
    // An object whose class is `T` is a `T`.
    if ObjectIdentifier(Swift.type(of: object)) == ObjectIdentifier(type) {
        return unsafe unsafeDowncast(object, to: type)
    }
    return object as? T
}

/// Calls `body` with `object` as a `T`, if it is one; lent, not counted.
@inlinable
public func withCast<T: AnyObject>(_ object: AnyObject, to type: T.Type, _ body: (T) -> Void) {
    if ObjectIdentifier(Swift.type(of: object)) == ObjectIdentifier(type) {
        body(unsafe unsafeDowncast(object, to: type))
    } else if let other = object as? T {
        body(other)
    }
}
