"""What happens beside a training: each handler attaches itself to the events that it cares for."""
