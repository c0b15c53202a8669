//! Who is at the station: secrets, keys, roles, lock.
