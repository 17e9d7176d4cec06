window.DXCP_AS_OF = {asOf: "2026-03-02T12:30:00Z", goodUntil: "2026-03-02T15:30:00Z"};
