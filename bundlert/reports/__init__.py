"""What a person looks at: pages made from the files that runs wrote."""
