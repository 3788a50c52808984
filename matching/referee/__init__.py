"""The referee: judges any plan by the contract alone and shares no rule with whoever plans or explains."""
