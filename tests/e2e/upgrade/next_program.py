"""The command `paystate` of a version that is not there yet: see `contract.versions.next_steps`."""

from contract.versions.next_steps import becoming

from paystate.entrypoints.cli.start import main

becoming()
main()
