/// A client of the server's control socket.
public enum ControlClient {}
