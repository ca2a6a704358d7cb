"""The deck beside a page: a slide a finding, with native charts."""
