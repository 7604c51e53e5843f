/// Ends the process with `text` unless it `holds`, in release builds too.
func claim(_ holds: Bool, _ text: @autoclosure () -> String) {
    if !holds { fatalError(text()) }
}
