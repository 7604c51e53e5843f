/// What `#require` does, for expressions that its macro cannot take apart: calls on values that cannot be copied.
func unwrapped<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Absent() }
    return value
}

struct Absent: Error {}
