"""The cable: committed changes over WebSocket, in the ActionCable protocol."""
