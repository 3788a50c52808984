"""The day at the office: what nobody is going to do, who cannot come, what is needed now, the desk, confirmations, and the papers of the day."""
